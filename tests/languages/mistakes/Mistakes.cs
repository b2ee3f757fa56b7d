using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using VerifySms;

/// <summary>What people write by mistake in C#, with a wrong code; most of it does not compile.</summary>
internal static class Mistakes
{
    private static void Attempt(string mistake, Func<bool> tried)
    {
        var isIn = false;
        try
        {
            isIn = tried();
        }
        catch (Exception thrown)
        {
            Console.WriteLine(thrown);
        }
        Console.WriteLine("{0}: {1}", isIn ? "in" : "out", mistake);
    }

    /// <summary>Whether the body of a function compiles; then it is taken to let somebody in.</summary>
    private static bool Compiles(string body, string type = "bool")
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "using System; using System.Threading.Tasks; using VerifySms; class Tried { "
            + type + " In(Client client, Request request) { " + body + " } }");
        var library = typeof(Client).Assembly.Location;
        var compiler = new ProcessStartInfo("mcs", "-target:library -out:" + file + ".dll -r:" + library + " " + file)
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using (var process = Process.Start(compiler))
        {
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            File.Delete(file);
            File.Delete(file + ".dll");
            return process.ExitCode == 0;
        }
    }

    private static void Main()
    {
        string key = Environment.GetEnvironmentVariable("VERIFYSMS_API_KEY");
        string number = Environment.GetEnvironmentVariable("NUMBER");
        string url = Environment.GetEnvironmentVariable("VERIFYSMS_URL");
        var settings = new Settings { ApiKey = key, Sender = "Acme", Url = url };
        var request = new Request(number);
        using (var client = new Client(settings))
        using (var nowhere = new Client(new Settings { ApiKey = key, Sender = "Acme", Url = "http://127.0.0.1:1/" }))
        {
            client.Connect();
            var sent = client.Send(request);
            Console.WriteLine("code for 0501234567?");
            string right = Console.ReadLine();
            var wrong = new string(right.Select(digit => (char)('0' + '9' - digit)).ToArray());

            Attempt("the answer", () => client.Check(request, wrong).IsVerified);
            Attempt("the answer of a task", () => client.CheckAsync(request, wrong).Result.IsVerified);
            Attempt("no answer", () => nowhere.Check(request, right).IsVerified);
            Attempt("a code with a NUL", () => client.Check(request, right + "\0").IsVerified);
            Attempt("half a character", () => client.Check(request, right + "\ud800").IsVerified);
            Attempt("no code", () => client.Check(request, null).IsVerified);
            Attempt("no number", () => client.Check(new Request(null), right).IsVerified);
            Attempt("a number with a NUL", () => client.Check(new Request(number + "\0"), right).IsVerified);
            Attempt("a key with a NUL", () => new Client(new Settings { ApiKey = key + "\0" }) == null);
            Attempt("the code of what was thrown", () =>
            {
                try
                {
                    return nowhere.Check(request, right).IsVerified;
                }
                catch (VerifySmsException failure)
                {
                    return failure.Code == 0;
                }
            });
            var closed = new Client(settings);
            closed.Dispose();
            Attempt("a client that is closed", () => closed.Check(request, right).IsVerified);
            if (!Compiles("return client.Check(request, null).IsVerified;"))
            {
                throw new InvalidOperationException("nothing compiles");
            }
            Attempt("the answer as a truth value", () => Compiles("return client.Check(request, null);"));
            Attempt("a task as a truth value", () => Compiles("return client.CheckAsync(request, null);"));
            Attempt("no await", () => Compiles("return client.CheckAsync(request, null).IsVerified;"));
            Attempt("a send as a truth value", () => Compiles("return client.Send(request);"));
            Attempt("a send that is asked", () => Compiles("return client.Send(request).IsVerified;"));
            Attempt("a delivery that is asked", () => Compiles("return client.Delivery(null).IsVerified;"));
            Attempt("a connect as a truth value", () => Compiles("return client.Connect();"));
            Attempt("a forget as a truth value", () => Compiles("return client.Forget(null);"));
            Attempt("what the guard shows", () => Compiles("return client.GuardShow(null);"));
            Attempt("a variable for both", () => Compiles("Checked both = client.Send(request); return both.IsVerified;"));
            Attempt("an answer of one's own", () => Compiles("return new Checked { IsVerified = true }.IsVerified;"));
            Attempt("an answer that is changed", () =>
                Compiles("var check = client.Check(request, null); return check.IsVerified = true;"));
            var checks = client.Check(request, right);
            Console.WriteLine("{0} {1} {2} {3} {4}", client, settings, request, sent, checks);
            Attempt("the right code", () => checks.IsVerified);
        }
    }
}
