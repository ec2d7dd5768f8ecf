// What is kept of a client: logins a UTC day, each session counted once and none that was impersonated; when the last login,
// email and message were; and the newest sessions, by which a repeat or a later impersonation is recognised.
//
// As bytes: three longs, the number of sessions, 16 bytes a session, then 6 bytes a day on which somebody logged in.
package signalfold.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

final class ClientCounts {
  /** As many as signalfold recognises: 64 in its ledger and 64 in its recall. */
  private static final int SESSIONS_MAX = 128;

  private static final long DAY_MS = 86_400_000L;
  private static final int HEAD_BYTES = 3 * Long.BYTES + Short.BYTES;
  private static final int BYTES_OF_SESSION = 2 * Long.BYTES;
  private static final int BYTES_OF_DAY = Integer.BYTES + Short.BYTES;
  private static final int ROOM_AT_FIRST = 8;

  /** The newest login among the sessions that are no longer kept. */
  private long settledLoginMs;
  private long lastEmailMs;
  private long lastMessageMs;

  private long[] sessions = new long[ROOM_AT_FIRST];
  /** When each session began; negative when it was impersonated. */
  private long[] begins = new long[ROOM_AT_FIRST];
  private int sessionCount;

  private int[] days = new int[ROOM_AT_FIRST];
  private short[] logins = new short[ROOM_AT_FIRST];
  private int dayCount;

  ClientCounts take(ClientEvent event) {
    switch (event.kind()) {
      case LOGIN -> login(event.session(), event.atMs());
      case IMPERSONATED -> impersonated(event.session(), event.atMs());
      case EMAIL -> lastEmailMs = Math.max(lastEmailMs, event.atMs());
      case MESSAGE -> lastMessageMs = Math.max(lastMessageMs, event.atMs());
      case NOTHING -> { }
    }
    return this;
  }

  long lastLoginMs() {
    long last = settledLoginMs;
    for (int at = 0; at < sessionCount; at += 1) last = Math.max(last, begins[at]);
    return last;
  }

  /** A session counts at its earliest login. */
  private void login(long session, long atMs) {
    int at = find(session);
    if (at < 0) {
      add(session, atMs);
      count(dayOf(atMs), 1);
    } else if (begins[at] > atMs) {
      count(dayOf(begins[at]), -1);
      count(dayOf(atMs), 1);
      begins[at] = atMs;
    }
  }

  private void impersonated(long session, long atMs) {
    int at = find(session);
    if (at < 0) {
      add(session, -atMs);
    } else if (begins[at] > 0) {
      count(dayOf(begins[at]), -1);
      begins[at] = -begins[at];
    }
  }

  private int find(long session) {
    for (int at = sessionCount - 1; at >= 0; at -= 1) if (sessions[at] == session) return at;
    return -1;
  }

  /** In the place of the oldest, once there are as many as are kept. */
  private void add(long session, long begin) {
    int at = sessionCount;
    if (sessionCount == SESSIONS_MAX) {
      at = oldest();
      settledLoginMs = Math.max(settledLoginMs, begins[at]);
    } else {
      makeRoomForSessions(sessionCount + 1);
      sessionCount += 1;
    }
    sessions[at] = session;
    begins[at] = begin;
  }

  private int oldest() {
    int oldest = 0;
    for (int at = 1; at < sessionCount; at += 1) {
      if (Math.abs(begins[at]) < Math.abs(begins[oldest])) oldest = at;
    }
    return oldest;
  }

  private void count(int day, int change) {
    int at = Arrays.binarySearch(days, 0, dayCount, day);
    if (at < 0) {
      at = -at - 1;
      makeRoomForDays(dayCount + 1);
      System.arraycopy(days, at, days, at + 1, dayCount - at);
      System.arraycopy(logins, at, logins, at + 1, dayCount - at);
      days[at] = day;
      logins[at] = 0;
      dayCount += 1;
    }
    logins[at] += (short) change;
  }

  private static int dayOf(long atMs) {
    return (int) Math.floorDiv(atMs, DAY_MS);
  }

  private void makeRoomForSessions(int wanted) {
    if (wanted <= sessions.length) return;
    int room = Math.max(wanted, sessions.length * 2);
    sessions = Arrays.copyOf(sessions, room);
    begins = Arrays.copyOf(begins, room);
  }

  private void makeRoomForDays(int wanted) {
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
    int size = HEAD_BYTES + counts.sessionCount * BYTES_OF_SESSION + counts.dayCount * BYTES_OF_DAY;
    ByteBuffer bytes = ByteBuffer.allocate(size);
    bytes.putLong(counts.settledLoginMs).putLong(counts.lastEmailMs).putLong(counts.lastMessageMs);
    bytes.putShort((short) counts.sessionCount);
    for (int at = 0; at < counts.sessionCount; at += 1) bytes.putLong(counts.sessions[at]).putLong(counts.begins[at]);
    for (int at = 0; at < counts.dayCount; at += 1) bytes.putInt(counts.days[at]).putShort(counts.logins[at]);
    return bytes.array();
  }

  private static ClientCounts decode(byte[] encoded) {
    if (encoded == null) return null;
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    ClientCounts counts = new ClientCounts();
    counts.settledLoginMs = bytes.getLong();
    counts.lastEmailMs = bytes.getLong();
    counts.lastMessageMs = bytes.getLong();
    counts.sessionCount = bytes.getShort();
    counts.makeRoomForSessions(counts.sessionCount);
    for (int at = 0; at < counts.sessionCount; at += 1) {
      counts.sessions[at] = bytes.getLong();
      counts.begins[at] = bytes.getLong();
    }
    counts.dayCount = bytes.remaining() / BYTES_OF_DAY;
    counts.makeRoomForDays(counts.dayCount);
    for (int at = 0; at < counts.dayCount; at += 1) {
      counts.days[at] = bytes.getInt();
      counts.logins[at] = bytes.getShort();
    }
    return counts;
  }
}
