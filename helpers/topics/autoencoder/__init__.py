"""What the chapter on Autoencoder alone needs."""
