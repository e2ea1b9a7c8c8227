"""Controls that any panel uses: slider, row, section, buttons, thumbnails, plots."""
