// The peer: folds the bench's topics to counters a client with Kafka Streams, a state store on RocksDB and its changelog.
// Ends once it has read and committed all messages; its last line of output are its figures, as every measured process's.
package signalfold.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;

public final class CountClients {
  private static final List<String> TOPICS = List.of("login", "impersonation", "email", "message");
  private static final long POLL_MS = 5;
  private static final Duration CLOSING_MAX = Duration.ofMinutes(2);

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private record Setup(
      String brokers, String topicPrefix, String application, String guarantee, String stateDir, long messages) {}

  public static void main(String[] args) throws Exception {
    Setup setup = new Setup(args[0], args[1], args[2], args[3], args[4], Long.parseLong(args[5]));
    long startedAt = System.nanoTime();
    long cpuBefore = SYSTEM.getProcessCpuTime();

    LongAdder read = new LongAdder();
    AtomicBoolean failed = new AtomicBoolean();
    KafkaStreams streams = new KafkaStreams(topology(setup.topicPrefix(), read), settings(setup));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      failed.set(true);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();

    // The second half is told as well: by then everything has been compiled.
    long half = 0;
    long halfCpu = 0;
    while (read.sum() < setup.messages() && !failed.get()) {
      Thread.sleep(POLL_MS);
      if (half == 0 && read.sum() >= setup.messages() / 2) {
        half = read.sum();
        halfCpu = SYSTEM.getProcessCpuTime();
      }
    }
    // Closing commits what was read, so that nobody waits for the commit interval to pass.
    boolean closed = streams.close(CLOSING_MAX);
    long cpu = SYSTEM.getProcessCpuTime();
    long endedAt = System.nanoTime();

    if (failed.get() || !closed) throw new IllegalStateException("Kafka Streams did not end well");
    long committed = committed(setup);
    if (committed != setup.messages()) throw new IllegalStateException(committed + " messages are committed");
    System.out.printf(
        Locale.ROOT,
        "{\"items\":%d,\"wallMs\":%.1f,\"cpuMs\":%.1f,\"peakMb\":%.1f,\"extra\":{\"warmPerCpuSecond\":%.1f}}%n",
        setup.messages(),
        (endedAt - startedAt) / 1e6,
        (cpu - cpuBefore) / 1e6,
        peakMb(),
        (setup.messages() - half) / ((cpu - halfCpu) / 1e9));
  }

  private static Topology topology(String topicPrefix, LongAdder read) {
    StreamsBuilder builder = new StreamsBuilder();
    List<String> topics = TOPICS.stream().map(topicPrefix::concat).toList();
    builder.stream(topics, Consumed.with(Serdes.String(), ClientEvent.serde()))
        .peek((client, event) -> read.increment())
        .filter((client, event) -> event.kind() != ClientEvent.Kind.NOTHING)
        // The messages are keyed by client already: no repartitioning.
        .groupByKey()
        .aggregate(
            ClientCounts::new,
            (client, event, counts) -> counts.take(event),
            Materialized.<String, ClientCounts, KeyValueStore<Bytes, byte[]>>as("clients")
                .withKeySerde(Serdes.String())
                .withValueSerde(ClientCounts.serde()));
    return builder.build();
  }

  /** As Kafka Streams comes, but for the guarantee, a thread for each core, and reading from the beginning. */
  private static Properties settings(Setup setup) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, setup.application());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, setup.brokers());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, setup.stateDir());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, setup.guarantee());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Runtime.getRuntime().availableProcessors());
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    return settings;
  }

  private static long committed(Setup setup) throws Exception {
    Map<String, Object> settings = Map.of(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, setup.brokers());
    try (Admin admin = Admin.create(settings)) {
      return admin.listConsumerGroupOffsets(setup.application()).partitionsToOffsetAndMetadata().get().values()
          .stream()
          .mapToLong(position -> position.offset())
          .sum();
    }
  }

  /** Most memory resident at once, of which the heap is only a part; 0 where the system does not tell. */
  private static double peakMb() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) return 0;
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    }
  }
}
