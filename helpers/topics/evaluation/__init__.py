"""What chapter 09, on evaluation, needs: scores, intervals, readers to judge, figures, checks and questions."""
