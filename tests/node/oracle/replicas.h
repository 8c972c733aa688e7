#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "node/core/search.h"
#include "tests/node/oracle/model.h"
#include "tests/node/oracle/product.h"
#include "tests/node/oracle/random.h"
#include "tests/node/oracle/shape.h"

namespace cacheindex::test {

/// Other nodes with the same documents: one that was built at another moment and has followed
/// since, and one that is built anew again and again. Whatever is asked, they must answer the same
/// bytes.
class Replicas {
 public:
  Replicas(const Shape& shape, Random& random) : shape_(&shape), random_(&random) {}

  /// What the other node that follows has to follow.
  void Write(const std::vector<WriteOperation>& operations);

  /// Brings both to the state of `model`, where they stay until the next write.
  void TakeSnapshots(const Model& model);
  void ReleaseSnapshots();

  /// Returns how the answers differ from `answer`, empty when they do not. Requests that name
  /// fields which only deleted documents had are not compared: a node knows those until it is built
  /// anew.
  std::string Difference(const SearchRequest& request, const SearchPage& answer);
  /// Returns how many answers Difference has compared.
  std::uint64_t compared() const { return compared_; }

 private:
  std::unique_ptr<Product> Build(const Model& model);

  const Shape* shape_;
  Random* random_;
  std::unique_ptr<Product> following_;
  std::unique_ptr<Product> rebuilt_;
  std::vector<std::string> forgotten_;
  std::uint64_t compared_ = 0;
};

/// Returns everything that an answer shows but how long it took.
std::string Text(const SearchPage& page);

}  // namespace cacheindex::test
