using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace VerifySms
{
    /// <summary>At most so many in any time of this length, in whole seconds. 0 is no limit.</summary>
    public struct Rate
    {
        internal readonly int Most;
        internal readonly TimeSpan Per;

        /// <summary>At most so many in this time.</summary>
        public Rate(int most, TimeSpan per)
        {
            Most = most;
            Per = per;
        }
    }

    /// <summary>The end of a call in numbers, for counters and metrics.</summary>
    public sealed class CallEvent
    {
        /// <summary>What happened.</summary>
        public EventKind Kind { get; internal set; }
        /// <summary>How the call ended; 0 without an error.</summary>
        public ErrorCode Code { get; internal set; }
        /// <summary>Whether the request got to the service.</summary>
        public Reached Reached { get; internal set; }
        /// <summary>How long the call took, in whole milliseconds.</summary>
        public TimeSpan Took { get; internal set; }
        /// <summary>The attempt that ended it; 0 if none was made.</summary>
        public int Attempt { get; internal set; }
        /// <summary>Whether that went over a connection that was kept from before.</summary>
        public bool Reused { get; internal set; }
        /// <summary>The limit that refused the call.</summary>
        public Limit Limit { get; internal set; }
    }

    /// <summary>The settings of a client. What is null keeps the library's default.</summary>
    public sealed class Settings
    {
        /// <summary>The account's key.</summary>
        public string ApiKey { get; set; }
        /// <summary>The sender that the phone shows.</summary>
        public string Sender { get; set; }
        /// <summary>A template with ##code##.</summary>
        public string Message { get; set; }
        /// <summary>The address of the service.</summary>
        public string Url { get; set; }
        /// <summary>The address of Delivery Status.</summary>
        public string DeliveryUrl { get; set; }
        /// <summary>The deadline of a call.</summary>
        public TimeSpan? Timeout { get; set; }
        /// <summary>The deadline of one attempt to connect.</summary>
        public TimeSpan? ConnectTimeout { get; set; }
        /// <summary>A proxy; "" for none, whatever the environment says.</summary>
        public string Proxy { get; set; }
        /// <summary>A file in PEM format with the only authorities to trust.</summary>
        public string CaFile { get; set; }
        /// <summary>Whom to trust without such a file.</summary>
        public Trust? Trust { get; set; }
        /// <summary>Lets the key leave this machine unencrypted.</summary>
        public bool AllowHttp { get; set; }
        /// <summary>Gets each record in the thread of its call. What it throws is lost.</summary>
        public Action<LogLevel, string> Log { get; set; }
        /// <summary>Gets the end of each call, after its record and as Log does.</summary>
        public Action<CallEvent> Event { get; set; }
        /// <summary>Asked while a call waits, in its thread: true, and an exception, end it.</summary>
        public Func<bool> Interrupt { get; set; }
        /// <summary>Where the guard keeps its counts: "memory:", "file:/path" or an address of Redis.</summary>
        public string Guard { get; set; }
        /// <summary>No limits on sends and tries.</summary>
        public bool NoGuard { get; set; }
        /// <summary>The limits that differ from the defaults.</summary>
        public IDictionary<Limit, Rate> Limits { get; set; }
        /// <summary>Hides numbers and end users in the store.</summary>
        public string GuardSecret { get; set; }
        /// <summary>Whose counts they are.</summary>
        public string GuardNamespace { get; set; }
        /// <summary>How long a call waits for the store.</summary>
        public TimeSpan? GuardTimeout { get; set; }
        /// <summary>What happens while the store cannot be asked.</summary>
        public GuardFailure? GuardFailure { get; set; }
    }

    /// <summary>What a call is about, and what else it may carry; what is null is the client's own.</summary>
    public sealed class Request
    {
        /// <summary>A request about a phone number as people write it.</summary>
        public Request(string to)
        {
            To = to;
        }

        /// <summary>A phone number as people write it.</summary>
        public string To { get; private set; }
        /// <summary>Who asks, such as the address at the other end; the guard counts their calls.</summary>
        public string EndUser { get; set; }
        /// <summary>Another sender, for a send alone.</summary>
        public string Sender { get; set; }
        /// <summary>Another message, for a send alone.</summary>
        public string Message { get; set; }
        /// <summary>The host of the page on which a browser is to fill the code in, for a send alone.</summary>
        public string Origin { get; set; }
        /// <summary>The hash of the Android app that is to fill the code in, for a send alone.</summary>
        public string AppHash { get; set; }
        /// <summary>The deadline of the call.</summary>
        public TimeSpan? Timeout { get; set; }

        internal C.Request Make()
        {
            byte[] to = C.In(To), endUser = C.In(EndUser), sender = C.In(Sender), message = C.In(Message);
            byte[] origin = C.In(Origin), appHash = C.In(AppHash);
            var made = C.verifysms_request_new(to);
            C.verifysms_request_set_end_user(made, endUser);
            C.verifysms_request_set_sender(made, sender);
            C.verifysms_request_set_message(made, message);
            C.verifysms_request_set_origin(made, origin);
            C.verifysms_request_set_app_hash(made, appHash);
            if (Timeout != null) C.verifysms_request_set_timeout_ms(made, C.Milliseconds(Timeout.Value));
            return made;
        }
    }

    /// <summary>
    /// Keeps connections to the service and makes calls. Any number of threads may share it. The methods that end with
    /// Async make their call in a thread of its own, so that none of the pool waits.
    /// </summary>
    public sealed class Client : IDisposable
    {
        /// <summary>What ends the call of this thread.</summary>
        [ThreadStatic] private static CancellationToken current;
        private readonly C.Client client;

        /// <summary>Makes a client, or throws an InvalidArgumentException that names the setting.</summary>
        public Client(Settings settings)
        {
            client = Loaded(() => Open(settings));
        }

        private static C.Client Open(Settings settings)
        {
            using (var config = C.verifysms_config_new(C.In(settings.ApiKey)))
            {
                C.verifysms_config_set_sender(config, C.In(settings.Sender));
                C.verifysms_config_set_message(config, C.In(settings.Message));
                C.verifysms_config_set_url(config, C.In(settings.Url));
                C.verifysms_config_set_delivery_url(config, C.In(settings.DeliveryUrl));
                Set(config, settings.Timeout, C.verifysms_config_set_timeout_ms);
                Set(config, settings.ConnectTimeout, C.verifysms_config_set_connect_timeout_ms);
                C.verifysms_config_set_proxy(config, C.In(settings.Proxy));
                C.verifysms_config_set_ca_file(config, C.In(settings.CaFile));
                C.verifysms_config_set_trust(config, (int)(settings.Trust ?? Trust.System));
                C.verifysms_config_set_allow_http(config, settings.AllowHttp ? 1 : 0);
                if (settings.Guard != null || settings.NoGuard)
                {
                    C.verifysms_config_set_guard(config, settings.NoGuard ? null : C.In(settings.Guard));
                }
                foreach (var limit in settings.Limits ?? new Dictionary<Limit, Rate>())
                {
                    var rate = limit.Value;
                    C.verifysms_config_set_limit(config, (int)limit.Key, rate.Most, C.Seconds(rate.Per));
                }
                C.verifysms_config_set_guard_secret(config, C.In(settings.GuardSecret));
                C.verifysms_config_set_guard_namespace(config, C.In(settings.GuardNamespace));
                Set(config, settings.GuardTimeout, C.verifysms_config_set_guard_timeout_ms);
                C.verifysms_config_set_guard_failure(config, (int)(settings.GuardFailure ?? GuardFailure.Local));
                var log = settings.Log == null ? null : Logging(settings.Log);
                var count = settings.Event == null ? null : Counting(settings.Event);
                var interrupt = Interrupting(settings.Interrupt);
                C.verifysms_config_set_log(config, log, IntPtr.Zero);
                C.verifysms_config_set_event(config, count, IntPtr.Zero);
                C.verifysms_config_set_interrupt(config, interrupt, IntPtr.Zero);
                var client = C.verifysms_client_new(config);
                if (client.IsInvalid)
                {
                    var refusal = C.Out(C.verifysms_config_error(config));
                    throw new InvalidArgumentException(refusal, C.verifysms_config_rule(config));
                }
                client.Functions = new Delegate[] { log, count, interrupt };
                return client;
            }
        }

        /// <summary>Opens a connection ahead of the next call: when a page asks for a number.</summary>
        public void Connect(CancellationToken token = default(CancellationToken))
        {
            Call(token, () => C.verifysms_client_connect(client), result => 0);
        }

        /// <summary>Has a code texted to a number.</summary>
        public Sent Send(Request request, CancellationToken token = default(CancellationToken))
        {
            return Call(token, () =>
            {
                using (var made = request.Make()) return C.verifysms_send_request(client, made);
            }, result => new Sent(result));
        }

        /// <summary>Checks the code that a person typed: see IsVerified. A wrong code is no exception.</summary>
        public Checked Check(Request request, string code, CancellationToken token = default(CancellationToken))
        {
            return Call(token, () =>
            {
                using (var made = request.Make()) return C.verifysms_check_request(client, made, C.In(code));
            }, result => new Checked(result));
        }

        /// <summary>What became of a message, by the Unique of its send.</summary>
        public Delivery Delivery(string unique, CancellationToken token = default(CancellationToken))
        {
            return Call(token, () => C.verifysms_delivery(client, C.In(unique)), result => new Delivery(result));
        }

        /// <summary>Forgets what the guard knows of a number: for a call centre that unlocks a person.</summary>
        public void Forget(string to, CancellationToken token = default(CancellationToken))
        {
            Call(token, () => C.verifysms_forget(client, C.In(to)), result => 0);
        }

        /// <summary>How far the limits of a number are used, as a text.</summary>
        public string GuardShow(string to, CancellationToken token = default(CancellationToken))
        {
            return Call(token, () => C.verifysms_guard_show(client, C.In(to)), result => new Answer(result)).Message;
        }

        /// <summary>As Connect.</summary>
        public Task ConnectAsync(CancellationToken token = default(CancellationToken))
        {
            return Start(() => { Connect(token); return 0; }, token);
        }

        /// <summary>As Send.</summary>
        public Task<Sent> SendAsync(Request request, CancellationToken token = default(CancellationToken))
        {
            return Start(() => Send(request, token), token);
        }

        /// <summary>As Check.</summary>
        public Task<Checked> CheckAsync(
            Request request, string code, CancellationToken token = default(CancellationToken))
        {
            return Start(() => Check(request, code, token), token);
        }

        /// <summary>As Delivery.</summary>
        public Task<Delivery> DeliveryAsync(string unique, CancellationToken token = default(CancellationToken))
        {
            return Start(() => Delivery(unique, token), token);
        }

        /// <summary>As Forget.</summary>
        public Task ForgetAsync(string to, CancellationToken token = default(CancellationToken))
        {
            return Start(() => { Forget(to, token); return 0; }, token);
        }

        /// <summary>As GuardShow.</summary>
        public Task<string> GuardShowAsync(string to, CancellationToken token = default(CancellationToken))
        {
            return Start(() => GuardShow(to, token), token);
        }

        /// <summary>Ends all calls of the client that are running, each with a CancelledException.</summary>
        public void Cancel()
        {
            C.verifysms_client_cancel(client);
        }

        /// <summary>Refuses new calls. Those that are running go on; the last of them frees the client.</summary>
        public void Dispose()
        {
            client.Dispose();
        }

        /// <summary>A phone number as people write it, or an InvalidArgumentException.</summary>
        public static Phone Normalize(string phone)
        {
            return Loaded(() => new Phone(phone));
        }

        /// <summary>
        /// Inspects a message with a code of so many digits, before it is sent. The sender, and the origin, the host of
        /// the page on which a browser is to fill the code in, may be null.
        /// </summary>
        public static Inspection Inspect(string message, string sender, string origin, int digits)
        {
            return Loaded(() =>
            {
                using (var found = C.verifysms_message_inspect(C.In(message), C.In(sender), C.In(origin)))
                {
                    if (found.IsInvalid) throw new InvalidArgumentException("message: is missing", 0);
                    return new Inspection(found, digits);
                }
            });
        }

        /// <summary>The sentence that a new code can be asked for after this time, in Hebrew for "he".</summary>
        public static string WaitText(TimeSpan wait, string language)
        {
            return Loaded(() =>
            {
                var text = new byte[256];
                C.verifysms_wait_text(C.Seconds(wait), C.In(language), text, text.Length);
                return C.Filled(text);
            });
        }

        /// <summary>The name of a limit, such as "SENDS_NUMBER".</summary>
        public static string LimitName(Limit limit)
        {
            return Loaded(() => C.Out(C.verifysms_limit_name((int)limit)));
        }

        /// <summary>The name of a rule, such as "PHONE_TOO_SHORT".</summary>
        public static string RuleName(int rule)
        {
            return Loaded(() => C.Out(C.verifysms_rule_name(rule)));
        }

        /// <summary>The name of an event, such as "VERIFIED".</summary>
        public static string EventName(EventKind kind)
        {
            return Loaded(() => C.Out(C.verifysms_event_name((int)kind)));
        }

        /// <summary>What a reason of the service means, in a few words.</summary>
        public static string ReasonText(int reason)
        {
            return Loaded(() => C.Out(C.verifysms_reason_text(reason)));
        }

        /// <summary>The version of the loaded library.</summary>
        public static string Version
        {
            get { return Loaded(() => C.Out(C.verifysms_version())); }
        }

        private static T Loaded<T>(Func<T> made)
        {
            C.Load();
            return made();
        }

        private static void Set(C.Config config, TimeSpan? time, Func<C.Config, int, int> setter)
        {
            if (time != null) setter(config, C.Milliseconds(time.Value));
        }

        private static Task<T> Start<T>(Func<T> call, CancellationToken token)
        {
            var options = TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach;
            return Task.Factory.StartNew(call, token, options, TaskScheduler.Default);
        }

        private static T Call<T>(CancellationToken token, Func<C.Result> made, Func<C.Result, T> read)
        {
            token.ThrowIfCancellationRequested();
            var outer = current;
            current = token;
            C.Result result;
            try
            {
                result = made();
            }
            finally
            {
                // A log function may make calls of its own.
                current = outer;
            }
            using (result)
            {
                var code = C.verifysms_result_code(result);
                if (code == C.OK || code == (int)ErrorCode.NotVerified) return read(result);
                var failure = VerifySmsException.Of(result);
                if (failure is CancelledException && token.IsCancellationRequested)
                {
                    throw new OperationCanceledException(failure.Message, failure, token);
                }
                throw failure;
            }
        }

        /// <summary>No exception leaves a function that C calls.</summary>
        private static C.LogFunction Logging(Action<LogLevel, string> log)
        {
            return (data, level, line) =>
            {
                try
                {
                    log((LogLevel)level, C.Out(line));
                }
                catch (Exception)
                {
                    // The call goes on.
                }
            };
        }

        private static C.EventFunction Counting(Action<CallEvent> count)
        {
            return (data, kind, code, reached, milliseconds, attempt, reused, limit) =>
            {
                try
                {
                    count(new CallEvent
                    {
                        Kind = (EventKind)kind, Code = (ErrorCode)code, Reached = (Reached)reached,
                        Took = TimeSpan.FromMilliseconds(milliseconds), Attempt = attempt, Reused = reused != 0,
                        Limit = (Limit)limit,
                    });
                }
                catch (Exception)
                {
                    // The call goes on.
                }
            };
        }

        private static C.InterruptFunction Interrupting(Func<bool> interrupt)
        {
            return data =>
            {
                try
                {
                    return current.IsCancellationRequested || (interrupt != null && interrupt()) ? 1 : 0;
                }
                catch (Exception)
                {
                    return 1;
                }
            };
        }
    }
}
