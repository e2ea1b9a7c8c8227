"""Files: atomic writing, images with their recipes, image folders, videos, contact sheets."""
