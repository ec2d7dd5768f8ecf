// What is kept of a client: logins a UTC day, and when the last login, email and message were. As bytes: three longs, then
// six bytes a day on which somebody logged in, in order of the days.
package signalfold.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

final class ClientCounts {
  private static final long DAY_MS = 86_400_000L;
  private static final int HEAD_BYTES = 3 * Long.BYTES;
  private static final int BYTES_OF_DAY = Integer.BYTES + Short.BYTES;
  private static final int ROOM_FOR_DAYS = 8;
  private static final int COUNT_MAX = Short.MAX_VALUE;

  private long lastLoginMs;
  private long lastEmailMs;
  private long lastMessageMs;
  private int[] days = new int[ROOM_FOR_DAYS];
  private short[] logins = new short[ROOM_FOR_DAYS];
  private int size;

  ClientCounts take(ClientEvent event) {
    switch (event.kind()) {
      case LOGIN -> {
        count((int) Math.floorDiv(event.atMs(), DAY_MS));
        lastLoginMs = Math.max(lastLoginMs, event.atMs());
      }
      case EMAIL -> lastEmailMs = Math.max(lastEmailMs, event.atMs());
      case MESSAGE -> lastMessageMs = Math.max(lastMessageMs, event.atMs());
      case NOTHING -> { }
    }
    return this;
  }

  private void count(int day) {
    int at = Arrays.binarySearch(days, 0, size, day);
    if (at >= 0) {
      if (logins[at] < COUNT_MAX) logins[at] += 1;
      return;
    }
    int place = -at - 1;
    makeRoom(size + 1);
    System.arraycopy(days, place, days, place + 1, size - place);
    System.arraycopy(logins, place, logins, place + 1, size - place);
    days[place] = day;
    logins[place] = 1;
    size += 1;
  }

  private void makeRoom(int wanted) {
    if (wanted <= days.length) return;
    int room = Math.max(wanted, days.length * 2);
    days = Arrays.copyOf(days, room);
    logins = Arrays.copyOf(logins, room);
  }

  static Serde<ClientCounts> serde() {
    return Serdes.serdeFrom((topic, counts) -> encode(counts), (topic, bytes) -> decode(bytes));
  }

  private static byte[] encode(ClientCounts counts) {
    if (counts == null) return null;
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + counts.size * BYTES_OF_DAY);
    bytes.putLong(counts.lastLoginMs).putLong(counts.lastEmailMs).putLong(counts.lastMessageMs);
    for (int at = 0; at < counts.size; at += 1) bytes.putInt(counts.days[at]).putShort(counts.logins[at]);
    return bytes.array();
  }

  private static ClientCounts decode(byte[] encoded) {
    if (encoded == null) return null;
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    ClientCounts counts = new ClientCounts();
    counts.lastLoginMs = bytes.getLong();
    counts.lastEmailMs = bytes.getLong();
    counts.lastMessageMs = bytes.getLong();
    counts.size = bytes.remaining() / BYTES_OF_DAY;
    counts.makeRoom(counts.size);
    for (int at = 0; at < counts.size; at += 1) {
      counts.days[at] = bytes.getInt();
      counts.logins[at] = bytes.getShort();
    }
    return counts;
  }
}
