"""Chapter 15: questions and answers, and the reader's own project."""
