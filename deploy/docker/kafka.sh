#!/bin/sh
# Makes the broker's storage where there is none yet, and becomes the broker. The image's own start script would write
# its settings into the image, which is read-only here.
set -eu
config=/etc/itirp/kafka.properties
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id ITIRPcomposeKafka00001 --config "$config"
exec /opt/kafka/bin/kafka-server-start.sh "$config"
