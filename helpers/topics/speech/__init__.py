"""What the chapter on speech needs: features, recognisers, strings of digits, its scenes, stills, checks and questions."""
