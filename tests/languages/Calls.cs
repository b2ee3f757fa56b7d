using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using VerifySms;

/// <summary>Calls of tasks against the sandbox in VERIFYSMS_URL, and against a service that never answers.</summary>
internal static class Calls
{
    private const int Many = 50;

    private static void Hold(bool isSo, string what)
    {
        if (!isSo) throw new InvalidOperationException(what);
    }

    private static T Thrown<T>(Task call) where T : Exception
    {
        try
        {
            call.GetAwaiter().GetResult();
        }
        catch (T thrown)
        {
            return thrown;
        }
        throw new InvalidOperationException("nothing was thrown");
    }

    private static Client Open(string url, Action<LogLevel, string> log = null)
    {
        var settings = new Settings { ApiKey = "sandbox-key", Sender = "Acme", Url = url, NoGuard = true, Log = log };
        return new Client(settings);
    }

    /// <summary>More calls than the pool has threads, each with its own answer; the log gets all of them.</summary>
    private static async Task ManyAtOnce()
    {
        var records = 0;
        Action<LogLevel, string> log = (level, line) =>
        {
            if (level == LogLevel.Info) Interlocked.Increment(ref records);
            // It goes no further.
            throw new InvalidOperationException(line);
        };
        using (var client = Open(Environment.GetEnvironmentVariable("VERIFYSMS_URL"), log))
        {
            var numbers = Enumerable.Range(0, Many).Select(index => "05012345" + index.ToString("d2")).ToArray();
            var sent = await Task.WhenAll(numbers.Select(to => client.SendAsync(new Request(to))));
            Hold(sent.Select(answer => answer.To).SequenceEqual(numbers), "the answers are the calls' own");
            Hold(records == Many, "a record for each call");
        }
    }

    /// <summary>A token ends its call alone, a cancel and a deadline the others.</summary>
    private static void Ends()
    {
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var client = Open("http://127.0.0.1:" + ((IPEndPoint)silent.LocalEndpoint).Port + "/");
        var source = new CancellationTokenSource();
        var ends = client.SendAsync(new Request("0501234567"), source.Token);
        var stays = client.SendAsync(new Request("0501234568") { Timeout = TimeSpan.FromSeconds(1) });
        // Both requests have come.
        for (int read = 0; read < 2; read++) silent.AcceptTcpClient().GetStream().ReadByte();
        source.Cancel();
        var ended = Thrown<OperationCanceledException>(ends);
        Hold(ends.IsCanceled, "the task is cancelled");
        Hold(ended.CancellationToken == source.Token, "by its token");
        Hold(((CancelledException)ended.InnerException).Reached == Reached.Unknown, "and says what may have arrived");
        Hold(Thrown<TransportException>(stays) is TimedOutException, "the other call goes on");
        Thrown<OperationCanceledException>(client.SendAsync(new Request("0501234567"), source.Token));

        var running = client.CheckAsync(new Request("0501234567"), "123456");
        silent.AcceptTcpClient().GetStream().ReadByte();
        client.Cancel();
        Hold(!Thrown<CancelledException>(running).SafeToRetry, "the code may be used up");

        // A client that is closed lets its calls end.
        var last = client.SendAsync(new Request("0501234567") { Timeout = TimeSpan.FromSeconds(1) });
        silent.AcceptTcpClient().GetStream().ReadByte();
        client.Dispose();
        Thrown<TimedOutException>(last);
        Thrown<ObjectDisposedException>(client.ConnectAsync());
        silent.Stop();
    }

    /// <summary>The functions that C calls stay where they are while memory is collected.</summary>
    private static void Collected()
    {
        var records = 0;
        var client = Open("http://127.0.0.1:1/", (level, line) => Interlocked.Increment(ref records));
        for (int call = 0; call < 3; call++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Hold(Thrown<ConnectException>(client.ConnectAsync()).SafeToRetry, "nothing was sent");
        }
        Hold(records > 0, "the log is called");
    }

    private static void Main()
    {
        ManyAtOnce().GetAwaiter().GetResult();
        Ends();
        Collected();
        Console.WriteLine("all ended as they should");
    }
}
