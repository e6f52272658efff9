"""What the chapter on Training alone needs."""
