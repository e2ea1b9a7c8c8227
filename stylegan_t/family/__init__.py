"""The relatives of StyleGAN-T: StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE, for drawing.

`resampling` and `mapping` are shared; each network has a file of its own.  Every line is written
from the papers (arXiv 1912.04958, 2006.06676, 2106.12423, 2202.00273, 2111.13792).
"""
