# The engine: lanes over ports, and the ports to Kafka. Included by service/CMakeLists.txt.
telex_library(telex_engine
  SOURCES breaker.cc engine.cc fault.cc kafka_ports.cc checkpoint.cc lane.cc lane_stores.cc
          lane_transaction.cc topic_check.cc topic_limits.cc
  PUBLIC telex_process telex_kafka telex_kafka_source telex_kafka_sink telex_sink Threads::Threads
  PRIVATE PkgConfig::xxhash)
