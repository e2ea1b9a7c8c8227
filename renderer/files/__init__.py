"""Files: atomic writing, images with their recipes, image folders, videos, contact sheets.

`atomic` writes whole and never over another file; `kinds` tells what a file is by its content;
`images` and `png_text` carry recipes, `video` a timeline.
"""
