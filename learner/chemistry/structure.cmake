# Sources of structure analysis; see ../include/cupel/chemistry/structure_analysis.hpp.
target_sources(cupel_chemistry PRIVATE
  bond_orders.cpp
  cif_reader.cpp
  cluster_parts.cpp
  crystal.cpp
  disorder.cpp
  molecules.cpp
  packing.cpp
  plain_text.cpp
  species.cpp
  structure_analysis.cpp
  structure_verdict.cpp
  xyz_reader.cpp)
