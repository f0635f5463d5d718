"""From marks and a brief to finished logos: composition, colours, geometry, SVG and pixels."""
