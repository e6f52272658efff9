"""What the chapter on Concepts alone needs."""
