"""What answers the learner: checks, promises, progress."""
