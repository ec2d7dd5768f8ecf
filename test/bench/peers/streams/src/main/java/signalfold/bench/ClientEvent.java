// An event of the four topics, as little of it as the counters need; the rest of the JSON is skipped.
package signalfold.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

record ClientEvent(Kind kind, long atMs) {

  /** What an event does to the counters. An impersonation is read, as we read it, and changes nothing here. */
  enum Kind { LOGIN, EMAIL, MESSAGE, NOTHING }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Wire(
      String occurredAt,
      String outcome,
      Boolean interactive,
      Map<String, Object> impersonatedBy,
      String status,
      String direction) {

    Kind kindOn(String topic) {
      if (topic.endsWith("login")) {
        boolean counts = "success".equals(outcome) && !Boolean.FALSE.equals(interactive) && impersonatedBy == null;
        return counts ? Kind.LOGIN : Kind.NOTHING;
      }
      if (topic.endsWith("email")) {
        return "sent".equals(status) || "delivered".equals(status) ? Kind.EMAIL : Kind.NOTHING;
      }
      if (topic.endsWith("message")) return "outbound".equals(direction) ? Kind.MESSAGE : Kind.NOTHING;
      return Kind.NOTHING;
    }
  }

  private static final ObjectReader WIRE = new ObjectMapper().readerFor(Wire.class);

  /** Events are read, never written. */
  static Serde<ClientEvent> serde() {
    Deserializer<ClientEvent> deserializer = (topic, bytes) -> {
      try {
        Wire wire = WIRE.readValue(bytes);
        Kind kind = wire.kindOn(topic);
        return new ClientEvent(kind, kind == Kind.NOTHING ? 0 : Instant.parse(wire.occurredAt()).toEpochMilli());
      } catch (IOException cause) {
        throw new SerializationException(cause);
      }
    };
    return Serdes.serdeFrom((topic, event) -> { throw new UnsupportedOperationException(); }, deserializer);
  }
}
