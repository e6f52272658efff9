"""What the chapter on RNN alone needs."""
