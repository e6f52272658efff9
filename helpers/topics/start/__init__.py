"""What the chapter on Start here alone needs."""
