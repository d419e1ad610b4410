// The standard normal distribution, safe far out in its tails.
#pragma once

namespace cupel::acquisition {

double normal_density(double z);
double normal_cdf(double z);
double log_normal_cdf(double z);
/// density(z) / cdf(z): the slope of log_normal_cdf.
double inverse_mills(double z);

}  // namespace cupel::acquisition
