"""Chapter 07, model building: what it alone needs."""
