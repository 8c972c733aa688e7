#pragma once

#include <string>

#include "api/answer.h"
#include "api/request.h"

namespace cacheindex::api {

class Access;
class Service;

/// What is told of an answer when it is gone.
struct Outcome {
  int status = 500;
  bool is_shed = false;
  bool is_damage = false;
  /// Of a status of 500 or 507.
  std::string failure = {};
  /// What a request made whose path does not name it.
  std::string made = {};
};

Outcome OutcomeOf(const Answer& answer);

/// Tells the service of an answered request, and, when it changed something, with which key and
/// from where. No record ever shows the value of a key.
void Report(Service& service, const Access& access, const Request& request, const Outcome& outcome);

}  // namespace cacheindex::api
