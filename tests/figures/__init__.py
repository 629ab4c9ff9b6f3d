"""Every figure of every report counted once more, row by row, on small schools drawn by lot."""
