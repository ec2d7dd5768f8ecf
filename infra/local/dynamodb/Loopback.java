// Starts DynamoDB Local on 127.0.0.1 alone: its own entry point binds every interface and has no option for it.
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

class Loopback {
  public static void main(String[] args) throws Exception {
    var local = ServerRunner.createServerFromCommandLineArgs(args);
    var field = local.getClass().getDeclaredField("server");
    field.setAccessible(true);
    ((ServerConnector) ((Server) field.get(local)).getConnectors()[0]).setHost("127.0.0.1");
    local.start();
    local.join();
  }
}
