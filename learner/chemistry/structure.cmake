# Sources of structure analysis; see ../include/cupel/chemistry/structure_analysis.hpp.
target_sources(cupel_chemistry PRIVATE
  alternatives.cpp
  bond_orders.cpp
  cif_block.cpp
  cif_reader.cpp
  cif_symmetry.cpp
  cluster_parts.cpp
  crystal.cpp
  disorder.cpp
  disorder_groups.cpp
  disorder_pieces.cpp
  lewis_search.cpp
  molecules.cpp
  packing.cpp
  plain_text.cpp
  shared_sites.cpp
  species.cpp
  structure_analysis.cpp
  structure_verdict.cpp
  ungrouped_disorder.cpp
  xyz_reader.cpp)
# gemmi's vectors of a class that is not complete yet: clang 14 refuses them under C++20.
set_source_files_properties(cif_block.cpp cif_reader.cpp cif_symmetry.cpp PROPERTIES
  COMPILE_OPTIONS $<$<CXX_COMPILER_ID:Clang>:-std=c++17>)
