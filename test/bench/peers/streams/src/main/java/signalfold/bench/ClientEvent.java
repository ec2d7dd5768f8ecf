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

record ClientEvent(Kind kind, long session, long atMs) {

  /** What an event does to the counters; IMPERSONATED takes a session out of them. */
  enum Kind { LOGIN, IMPERSONATED, EMAIL, MESSAGE, NOTHING }

  private static final ClientEvent NOTHING = new ClientEvent(Kind.NOTHING, 0, 0);
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Wire(
      String occurredAt,
      String sessionId,
      String outcome,
      Boolean interactive,
      Map<String, Object> impersonatedBy,
      String status,
      String direction) {

    Kind kindOn(String topic) {
      if (topic.endsWith("login")) {
        if (impersonatedBy != null) return Kind.IMPERSONATED;
        return "success".equals(outcome) && !Boolean.FALSE.equals(interactive) ? Kind.LOGIN : Kind.NOTHING;
      }
      if (topic.endsWith("impersonation")) return Kind.IMPERSONATED;
      if (topic.endsWith("email")) return "sent".equals(status) ? Kind.EMAIL : Kind.NOTHING;
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
        if (kind == Kind.NOTHING) return NOTHING;
        long session = wire.sessionId() == null ? 0 : hash(wire.sessionId());
        return new ClientEvent(kind, session, Instant.parse(wire.occurredAt()).toEpochMilli());
      } catch (IOException cause) {
        throw new SerializationException(cause);
      }
    };
    return Serdes.serdeFrom((topic, event) -> { throw new UnsupportedOperationException(); }, deserializer);
  }

  /** FNV-1a over UTF-16 units: a session is known again by 8 bytes. */
  private static long hash(String id) {
    long hash = FNV_OFFSET;
    for (int at = 0; at < id.length(); at += 1) hash = (hash ^ id.charAt(at)) * FNV_PRIME;
    return hash;
  }
}
