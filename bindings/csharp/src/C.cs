using System;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

[assembly: AssemblyTitle("verifysms")]
[assembly: AssemblyDescription("Prove that a person owns a phone number by SMS, through libverifysms")]
[assembly: AssemblyVersion("1.0.0")]

namespace VerifySms
{
    /// <summary>The functions of verifysms.h. Only this file calls them.</summary>
    internal static class C
    {
        internal const int OK = 0;
        // The file on Windows. Elsewhere VerifySms.dll.config says which it is, for mono, and Find for .NET.
        private const string NAME = "verifysms-1";
        private const string SONAME = "libverifysms.so.1";
        private const CallingConvention CDECL = CallingConvention.Cdecl;
        private const int RTLD_NOW = 2;

        private static volatile bool isLoaded;

        private static bool IsWindows
        {
            get { return Environment.OSVersion.Platform == PlatformID.Win32NT; }
        }

        // .NET has what .NET Framework and mono have not: a function of ours that finds libraries.
        static C()
        {
            const string NATIVE = "System.Runtime.InteropServices.";
            var all = typeof(Marshal).Assembly;
            var libraries = all.GetType(NATIVE + "NativeLibrary");
            if (libraries == null || IsWindows) return;
            var find = typeof(C).GetMethod("Find", BindingFlags.NonPublic | BindingFlags.Static);
            var resolver = Delegate.CreateDelegate(all.GetType(NATIVE + "DllImportResolver"), find);
            libraries.GetMethod("SetDllImportResolver").Invoke(null, new object[] { typeof(C).Assembly, resolver });
        }

        private static IntPtr Find(string name, Assembly assembly, DllImportSearchPath? path)
        {
            return name == NAME ? dlopen(In(Named() ?? SONAME), RTLD_NOW) : IntPtr.Zero;
        }

        /// <summary>The file that the user names, if any.</summary>
        private static string Named()
        {
            var file = Environment.GetEnvironmentVariable("VERIFYSMS_LIBRARY");
            return string.IsNullOrEmpty(file) ? null : file;
        }

        /// <summary>
        /// Loads the library. A method may call its functions only if it was compiled after that: mono looks for them
        /// when it compiles, and does not look again.
        /// </summary>
        internal static void Load()
        {
            if (isLoaded) return;
            var file = Named();
            Func<IntPtr> version = () => verifysms_version();
            try
            {
                // A library that is loaded already is found by its name.
                isLoaded = (file == null || Loaded(file) != IntPtr.Zero) && version() != IntPtr.Zero;
            }
            catch (DllNotFoundException)
            {
                // Said below.
            }
            if (!isLoaded)
            {
                var sought = file ?? (IsWindows ? NAME : SONAME);
                throw new DllNotFoundException("cannot load " + sought + ": install verifysms, or name the file"
                    + " in VERIFYSMS_LIBRARY; bindings/README.md, \"The library is not found\"");
            }
        }

        private static IntPtr Loaded(string file)
        {
            return IsWindows ? LoadLibraryW(file) : dlopen(In(file), RTLD_NOW);
        }

        /// <summary>A text as C reads it. What is refused is not shown: it may be a key or a code.</summary>
        internal static byte[] In(string text)
        {
            if (text == null) return null;
            try
            {
                if (text.IndexOf('\0') < 0) return new UTF8Encoding(false, true).GetBytes(text + "\0");
            }
            catch (EncoderFallbackException)
            {
                // Half a character would become another one.
            }
            throw new InvalidArgumentException("a text has a NUL or half a character in it", 0);
        }

        /// <summary>A text that belongs to a handle.</summary>
        internal static string Out(IntPtr text)
        {
            int length = 0;
            while (Marshal.ReadByte(text, length) != 0) length++;
            var copied = new byte[length];
            Marshal.Copy(text, copied, 0, length);
            return Encoding.UTF8.GetString(copied);
        }

        /// <summary>A text that C has written.</summary>
        internal static string Filled(byte[] buffer)
        {
            return Encoding.UTF8.GetString(buffer, 0, Array.IndexOf(buffer, (byte)0));
        }

        internal static int Milliseconds(TimeSpan time)
        {
            return Whole(time.TotalMilliseconds);
        }

        internal static int Seconds(TimeSpan time)
        {
            return Whole(time.TotalSeconds);
        }

        /// <summary>Rounded up, or the nearest number that C has, which the library refuses.</summary>
        private static int Whole(double units)
        {
            return (int)Math.Max(int.MinValue, Math.Min(int.MaxValue, Math.Ceiling(units)));
        }

        internal sealed class Config : SafeHandleZeroOrMinusOneIsInvalid
        {
            private Config() : base(true) { }

            protected override bool ReleaseHandle()
            {
                verifysms_config_free(handle);
                return true;
            }
        }

        internal sealed class Client : SafeHandleZeroOrMinusOneIsInvalid
        {
            /// <summary>C calls them as long as there is a client.</summary>
            internal Delegate[] Functions;

            private Client() : base(true) { }

            protected override bool ReleaseHandle()
            {
                verifysms_client_free(handle);
                return true;
            }
        }

        internal sealed class Request : SafeHandleZeroOrMinusOneIsInvalid
        {
            private Request() : base(true) { }

            protected override bool ReleaseHandle()
            {
                verifysms_request_free(handle);
                return true;
            }
        }

        internal sealed class Result : SafeHandleZeroOrMinusOneIsInvalid
        {
            private Result() : base(true) { }

            protected override bool ReleaseHandle()
            {
                verifysms_result_free(handle);
                return true;
            }
        }

        internal sealed class Message : SafeHandleZeroOrMinusOneIsInvalid
        {
            private Message() : base(true) { }

            protected override bool ReleaseHandle()
            {
                verifysms_message_free(handle);
                return true;
            }
        }

        [UnmanagedFunctionPointer(CDECL)]
        internal delegate void LogFunction(IntPtr data, int level, IntPtr line);

        [UnmanagedFunctionPointer(CDECL)]
        internal delegate void EventFunction(
            IntPtr data, int kind, int code, int reached, int milliseconds, int attempt, int reused, int limit);

        [UnmanagedFunctionPointer(CDECL)]
        internal delegate int InterruptFunction(IntPtr data);

        [DllImport("libdl.so.2")]
        private static extern IntPtr dlopen(byte[] file, int flags);

        [DllImport("kernel32", CharSet = CharSet.Unicode)]
        private static extern IntPtr LoadLibraryW(string file);

        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Config verifysms_config_new(byte[] api_key);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_sender(Config config, byte[] sender);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_message(Config config, byte[] message);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_url(Config config, byte[] url);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_timeout_ms(Config config, int ms);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_connect_timeout_ms(Config config, int ms);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_proxy(Config config, byte[] url);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_ca_file(Config config, byte[] pem_path);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_trust(Config config, int trust);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_allow_http(Config config, int yes);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_log(Config config, LogFunction log, IntPtr user_data);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_event(Config config, EventFunction @event, IntPtr user_data);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_interrupt(Config config, InterruptFunction interrupt, IntPtr user_data);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_config_error(Config config);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_rule(Config config);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        void verifysms_config_free(IntPtr config);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_guard(Config config, byte[] store);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_limit(Config config, int limit, int most, int seconds);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_guard_secret(Config config, byte[] secret);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_guard_namespace(Config config, byte[] name);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_guard_timeout_ms(Config config, int ms);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_guard_failure(Config config, int failure);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Client verifysms_client_new(Config config);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        void verifysms_client_cancel(Client client);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        void verifysms_client_free(IntPtr client);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Result verifysms_client_connect(Client client);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Result verifysms_forget(Client client, byte[] to);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Result verifysms_guard_show(Client client, byte[] to);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Request verifysms_request_new(byte[] to);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_request_set_end_user(Request request, byte[] end_user);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_request_set_sender(Request request, byte[] sender);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_request_set_message(Request request, byte[] message);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_request_set_origin(Request request, byte[] origin);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_request_set_app_hash(Request request, byte[] app_hash);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_request_set_timeout_ms(Request request, int ms);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        void verifysms_request_free(IntPtr request);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Result verifysms_send_request(Client client, Request request);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Result verifysms_check_request(Client client, Request request, byte[] code);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_code(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_reached(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_rule(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_reason(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_status(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_http_status(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        long verifysms_result_timestamp(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_unique(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_sender(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_to(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_message(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        void verifysms_result_free(IntPtr result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_limit(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_retry_after(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_tries_left(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_config_set_delivery_url(Config config, byte[] url);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Result verifysms_delivery(Client client, byte[] unique);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_delivery_state(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_delivery_next(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_result_delivery_code(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_delivery_hebrew(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_delivery_english(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_delivery_date(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_delivery_operator(Result result);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_result_user_text(Result result, byte[] language);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_wait_text(int seconds, byte[] language, byte[] buffer, int size);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_phone_normalize(byte[] text, byte[] buffer, int size);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_phone_e164(byte[] text, byte[] buffer, int size);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_phone_kind(byte[] text);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        Message verifysms_message_inspect(byte[] message, byte[] sender, byte[] origin);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_message_encoding(Message message);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_message_length(Message message, int digits);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_message_parts(Message message, int digits);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_message_warning_count(Message message);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_message_warning(Message message, int index);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        int verifysms_message_warning_position(Message message, int index);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_message_warning_text(Message message, int index);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        void verifysms_message_free(IntPtr message);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_limit_name(int limit);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_rule_name(int rule);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_event_name(int @event);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_reason_text(int reason);
        [DllImport(NAME, CallingConvention = CDECL)] internal static extern
        IntPtr verifysms_version();
    }
}
