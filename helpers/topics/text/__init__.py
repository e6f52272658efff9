"""What the chapter on Text alone needs."""
