"""Controls that any panel uses: slider, row, section, buttons, thumbnails, plots.

`labelled_row` places label, control and reset arrow, `section` folds, `tooltips` explain;
`timeline_view` and `grid_view` are the frozen values that such panels show.
"""
