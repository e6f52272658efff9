"""Chapter 05, data pre-processing: splits and leaks, cleaning, scale, augmentation, conversion."""
