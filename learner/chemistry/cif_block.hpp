// Access to one block of a CIF by the names of its items, whichever way they are written.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <gemmi/cif.hpp>

namespace cupel::chemistry {

/// The same name in any case, with the dot of newer dictionaries or the underscore of older ones.
bool same_tag(std::string_view tag, std::string_view wanted);

/// The column of the first of these names that the loop has; -1 without one.
int column(const gemmi::cif::Loop& loop, std::initializer_list<const char*> tags);

/// The value of the first of these names that has one; empty without one.
std::string text_of(const gemmi::cif::Block& block, std::initializer_list<const char*> tags);

/// Its s.u. left out; `missing` where the name has no value.
double number_of(const gemmi::cif::Block& block, const char* tag, double missing);

}  // namespace cupel::chemistry
