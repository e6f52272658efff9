"""What the chapter on CNN alone needs."""
