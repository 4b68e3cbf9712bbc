// Copies a text whose length nobody knows into an array on the stack: what both FORTIFY and the stack protector guard.
#include <cstdio>
#include <cstring>

int main(int count, char** words) {
  char copy[64];
  std::strcpy(copy, words[count - 1]);
  return std::puts(copy) < 0 ? 1 : 0;
}
