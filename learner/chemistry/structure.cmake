# Sources of structure analysis; see ../include/cupel/chemistry/structure_analysis.hpp.
