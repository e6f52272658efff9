"""What the course measures of itself: python3 course.py bench."""
