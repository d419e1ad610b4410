# The simulated workers, each a process of its own that knows the daemon by its sockets only.
find_package(CLI11 REQUIRED)
add_library(cupel_bench_parts STATIC
  programs/bench_options.cpp
  programs/wake_up.cpp)
target_link_libraries(cupel_bench_parts
  PUBLIC cupel::simulator cupel::client cupel::domain CLI11::CLI11
  PRIVATE cupel_warnings)
foreach(worker robot person)
  add_executable(cupel-sim-${worker} programs/cupel_sim_${worker}.cpp)
  target_link_libraries(cupel-sim-${worker} PRIVATE cupel_bench_parts cupel_warnings)
endforeach()
