using System;
using VerifySms;

/// <summary>
/// Example send NUMBER sends a code, Example check NUMBER CODE checks it, Example connect only opens a connection.
/// The exit status is the library's code: 0 only if connected, sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER,
/// _URL and _GUARD: file:/path keeps the counts from one run to the next.
/// </summary>
internal static class Example
{
    private static int Main(string[] given)
    {
        var asked = given.Length > 0 ? given[0] : "";
        if (!(asked == "connect" && given.Length == 1 || asked == "send" && given.Length == 2
            || asked == "check" && given.Length == 3))
        {
            Console.Error.WriteLine("Example send NUMBER, Example check NUMBER CODE, or Example connect");
            return (int)ErrorCode.InvalidArgument;
        }
        Console.WriteLine("verifysms {0}", Client.Version);
        try
        {
            return Verify(given);
        }
        catch (VerifySmsException failure)
        {
            Console.WriteLine("code {0:d}, reached {1:d}: {2}", failure.Code, failure.Reached, failure.Message);
            var limited = failure as LimitedException;
            if (limited != null) Console.WriteLine("wait {0} s", limited.RetryAfter.TotalSeconds);
            if (failure.Reached == Reached.Unknown) Console.WriteLine("it may have arrived: do not repeat it");
            return (int)failure.Code;
        }
    }

    private static int Verify(string[] given)
    {
        var settings = new Settings
        {
            ApiKey = Environment.GetEnvironmentVariable("VERIFYSMS_API_KEY"),
            Sender = Environment.GetEnvironmentVariable("VERIFYSMS_SENDER"),
            Url = Environment.GetEnvironmentVariable("VERIFYSMS_URL"),
            Guard = Environment.GetEnvironmentVariable("VERIFYSMS_GUARD"),
        };
        using (var client = new Client(settings))
        {
            if (given[0] == "connect")
            {
                client.Connect();
                Console.WriteLine("code 0, reached 0: connected");
                return 0;
            }
            var request = new Request(given[1]);
            if (given[0] == "check")
            {
                var check = client.Check(request, given[2]);
                var code = check.IsVerified ? 0 : (int)ErrorCode.NotVerified;
                Console.WriteLine("code {0}, reached 1, number {1}: {2}", code, check.To, check.Message);
                Console.WriteLine(check.IsVerified ? "the number is theirs" : "let the person type again");
                return code;
            }
            var sent = client.Send(request);
            Console.WriteLine("code 0, reached 1, number {0}: {1}", sent.To, sent.Message);
            Console.WriteLine("message {0} at {1}", sent.Unique, sent.Timestamp);
            return 0;
        }
    }
}
