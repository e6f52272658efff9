"""Chapter 06: features, where they come from and what a network sees."""
