"""The scenes of the interactive figures, one module a chapter: each builds its figure and the function that redraws it."""
