# The cupel command line.
