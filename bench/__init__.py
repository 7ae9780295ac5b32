"""Speed and memory against the field's plain tools, in one run on one machine, as ratios. `make bench`."""
