using System;
using System.Collections.Generic;
using VerifySms;

/// <summary>Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., prints what is known.</summary>
internal static class Program
{
    private static Client client;

    private static string Text(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    private static bool Has(string name)
    {
        return Text(name) != null;
    }

    private static int? Number(string name)
    {
        return Has(name) ? int.Parse(Text(name)) : (int?)null;
    }

    private static TimeSpan? Milliseconds(string name)
    {
        return Has(name) ? TimeSpan.FromMilliseconds(int.Parse(Text(name))) : (TimeSpan?)null;
    }

    private static Settings Given()
    {
        var settings = new Settings
        {
            ApiKey = Text("VERIFYSMS_API_KEY"), Sender = Text("SET_SENDER"), Message = Text("SET_MESSAGE"),
            Url = Text("SET_URL"), DeliveryUrl = Text("SET_DELIVERY_URL"),
            Timeout = Milliseconds("SET_TIMEOUT_MS"), ConnectTimeout = Milliseconds("SET_CONNECT_TIMEOUT_MS"),
            Proxy = Has("SET_NO_PROXY") ? "" : Text("SET_PROXY"), CaFile = Text("SET_CA_FILE"),
            Trust = (Trust?)Number("SET_TRUST"), AllowHttp = Has("SET_ALLOW_HTTP"), Guard = Text("SET_GUARD"),
            NoGuard = Has("SET_NO_GUARD"), GuardSecret = Text("SET_GUARD_SECRET"),
            GuardNamespace = Text("SET_GUARD_NAMESPACE"), GuardTimeout = Milliseconds("SET_GUARD_TIMEOUT_MS"),
            GuardFailure = (GuardFailure?)Number("SET_GUARD_FAILURE"),
        };
        if (Has("SET_LIMIT"))
        {
            var limit = Array.ConvertAll(Text("SET_LIMIT").Split(' '), int.Parse);
            settings.Limits = new Dictionary<Limit, Rate>
            {
                { (Limit)limit[0], new Rate(limit[1], TimeSpan.FromSeconds(limit[2])) },
            };
        }
        if (Has("SET_LOG")) settings.Log = (level, line) => Console.WriteLine("log {0:d} {1}", level, line);
        if (Has("SET_EVENT"))
        {
            settings.Event = it => Console.WriteLine("event {0} {1:d} {2:d} {3} {4} {5} {6:d}", Client.EventName(it.Kind), it.Code,
                it.Reached, it.Took.TotalMilliseconds, it.Attempt, it.Reused ? 1 : 0, it.Limit);
        }
        if (Has("SET_CANCEL"))
        {
            settings.Interrupt = () =>
            {
                client.Cancel();
                return false;
            };
        }
        if (Has("SET_INTERRUPT")) settings.Interrupt = () => true;
        return settings;
    }

    private static Answer Ask()
    {
        var request = new Request(Text("NUMBER"))
        {
            EndUser = Text("SEND_END_USER"), Timeout = Milliseconds("SEND_TIMEOUT_MS"),
        };
        switch (Text("ASK"))
        {
            case "check": return client.Check(request, Text("SEND_CODE"));
            case "show":
                Console.WriteLine("message={0}", client.GuardShow(request.To));
                return null;
            case "delivery": return client.Delivery(Text("SEND_UNIQUE"));
            case "inspect":
                var found = Client.Inspect(Text("SEND_MESSAGE"), Text("SEND_SENDER"), null, 6);
                Console.WriteLine("encoding={0:d}\nlength={1}\nparts={2}", found.Encoding, found.Length, found.Parts);
                foreach (var warning in found.Warnings)
                {
                    Console.WriteLine("warning={0:d} {1} {2}", warning.Kind, warning.Position, warning.Text);
                }
                return null;
            case "phone":
                var phone = Client.Normalize(request.To);
                Console.WriteLine("to={0}\ne164={1}\nkind={2:d}\nrule_name=", phone.To, phone.E164, phone.Kind);
                return null;
            case "forget":
                client.Forget(request.To);
                return null;
            default:
                request.Sender = Text("SEND_SENDER");
                request.Message = Text("SEND_MESSAGE");
                request.Origin = Text("SEND_ORIGIN");
                request.AppHash = Text("SEND_APP_HASH");
                // The same in another thread.
                return client.SendAsync(request).GetAwaiter().GetResult();
        }
    }

    private static void Tell(int code, int reached, Answer known)
    {
        Console.WriteLine("code={0}\nreached={1}", code, reached);
        if (known == null) return;
        Console.WriteLine("reason={0}\nstatus={1}\nhttp_status={2}", known.Reason, known.Status, known.HttpStatus);
        Console.WriteLine("timestamp={0}\nunique={1}\nsender={2}", known.Timestamp, known.Unique, known.Sender);
        Console.WriteLine("limit={0:d}\nlimit_name={1}", known.Limit, Client.LimitName(known.Limit));
        Console.WriteLine("retry_after={0}\ntries_left={1}", known.RetryAfter.TotalSeconds, known.TriesLeft);
        foreach (var language in new[] { "he", "en" })
        {
            Console.WriteLine("user_text_{0}={1}", language, known.UserText(language));
            Console.WriteLine("wait_text_{0}={1}", language, Client.WaitText(known.RetryAfter, language));
        }
        Console.WriteLine("to={0}\nmessage={1}", known.To, known.Message);
        var delivery = known as Delivery;
        if (delivery == null) return;
        Console.WriteLine("delivery_state={0:d}\ndelivery_next={1:d}", delivery.State, delivery.Next);
        Console.WriteLine("delivery_code={0}\ndelivery_hebrew={1}", delivery.Code, delivery.Hebrew);
        Console.WriteLine("delivery_english={0}\ndelivery_date={1}", delivery.English, delivery.Date);
        Console.WriteLine("delivery_operator={0}", delivery.Operator);
    }

    private static void Main()
    {
        try
        {
            client = new Client(Given());
            var answer = Ask();
            var check = answer as Checked;
            Tell(check != null && !check.IsVerified ? 2 : 0, 1, answer);
        }
        catch (VerifySmsException failure)
        {
            var refused = failure as InvalidArgumentException;
            var rule = refused == null ? 0 : refused.Rule;
            Console.WriteLine("message={0}\nrule={1}\nrule_name={2}", failure.Message, rule, Client.RuleName(rule));
            Tell((int)failure.Code, (int)failure.Reached, failure.Answer);
        }
    }
}
