// A worker in C++ that uses the documented variables alone: sum adds the numbers of its input.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

int main() {
  const std::string function = std::getenv("function_name");
  if (function != "sum") {
    std::cerr << "no function " << function << '\n';
    return 2;
  }
  std::ifstream in(std::getenv("input_numbers_file"));
  double sum = 0, next;
  char bracket;
  in >> bracket;
  while (in >> next) {
    sum += next;
    in >> bracket;
  }
  std::ofstream out(std::getenv("output_value_file"));
  out << sum;
  return out.good() ? 0 : 1;
}
