using System;
using System.Collections.Generic;

namespace VerifySms
{
    /// <summary>What is known of a call. It verifies nobody.</summary>
    public class Answer
    {
        private readonly string hebrew, english;

        internal Answer(C.Result result)
        {
            To = C.Out(C.verifysms_result_to(result));
            Sender = C.Out(C.verifysms_result_sender(result));
            Unique = C.Out(C.verifysms_result_unique(result));
            Timestamp = C.verifysms_result_timestamp(result);
            Message = C.Out(C.verifysms_result_message(result));
            Rule = C.verifysms_result_rule(result);
            Reason = C.verifysms_result_reason(result);
            Status = C.verifysms_result_status(result);
            HttpStatus = C.verifysms_result_http_status(result);
            Limit = (Limit)C.verifysms_result_limit(result);
            RetryAfter = TimeSpan.FromSeconds(C.verifysms_result_retry_after(result));
            TriesLeft = C.verifysms_result_tries_left(result);
            hebrew = C.Out(C.verifysms_result_user_text(result, C.In("he")));
            english = C.Out(C.verifysms_result_user_text(result, C.In("en")));
        }

        /// <summary>The number in the service's form.</summary>
        public string To { get; private set; }
        /// <summary>The sender of an accepted message.</summary>
        public string Sender { get; private set; }
        /// <summary>The id of an accepted message.</summary>
        public string Unique { get; private set; }
        /// <summary>When a message was accepted, in seconds of Unix time; 0 if none was.</summary>
        public long Timestamp { get; private set; }
        /// <summary>One English sentence for a log.</summary>
        public string Message { get; private set; }
        /// <summary>Which rule an argument breaks, by Client.RuleName; 0 if none.</summary>
        public int Rule { get; private set; }
        /// <summary>The service's number in a FAIL, by Client.ReasonText.</summary>
        public int Reason { get; private set; }
        /// <summary>The service's number in its answer to a check.</summary>
        public int Status { get; private set; }
        /// <summary>The status of HTTP; 0 without an answer.</summary>
        public int HttpStatus { get; private set; }
        /// <summary>The limit that makes the next such call wait.</summary>
        public Limit Limit { get; private set; }
        /// <summary>How long the next such call has to wait.</summary>
        public TimeSpan RetryAfter { get; private set; }
        /// <summary>How many wrong codes may still be tried; -1 if nobody counts them.</summary>
        public int TriesLeft { get; private set; }

        /// <summary>One sentence for the person who signs up, in Hebrew for "he", otherwise in English.</summary>
        public string UserText(string language)
        {
            return language == "he" ? hebrew : english;
        }

        /// <summary>Only the last digits of the number, as in the library's log.</summary>
        public override string ToString()
        {
            var last = To.Length > 3 ? To.Substring(To.Length - 3) : To;
            return GetType().Name + " ..." + last + ", status " + Status + ", " + Unique + ": " + Message;
        }
    }

    /// <summary>A message that the service accepted. It verifies nobody.</summary>
    public sealed class Sent : Answer
    {
        internal Sent(C.Result result) : base(result) { }
    }

    /// <summary>The service's answer about a code.</summary>
    public sealed class Checked : Answer
    {
        internal Checked(C.Result result) : base(result)
        {
            IsVerified = C.verifysms_result_code(result) == C.OK && Status == 1;
        }

        /// <summary>Whether the number is theirs.</summary>
        public bool IsVerified { get; private set; }
    }

    /// <summary>What became of a message. It verifies nobody.</summary>
    public sealed class Delivery : Answer
    {
        /// <summary>The provider's code where there is none.</summary>
        public const int CodeNone = -2147483647;

        internal Delivery(C.Result result) : base(result)
        {
            State = (DeliveryState)C.verifysms_result_delivery_state(result);
            Next = (NextStep)C.verifysms_result_delivery_next(result);
            Code = C.verifysms_result_delivery_code(result);
            Hebrew = C.Out(C.verifysms_result_delivery_hebrew(result));
            English = C.Out(C.verifysms_result_delivery_english(result));
            Date = C.Out(C.verifysms_result_delivery_date(result));
            Operator = C.Out(C.verifysms_result_delivery_operator(result));
        }

        /// <summary>What became of it.</summary>
        public DeliveryState State { get; private set; }
        /// <summary>What to do next.</summary>
        public NextStep Next { get; private set; }
        /// <summary>The provider's own code.</summary>
        public int Code { get; private set; }
        /// <summary>The provider's words in Hebrew.</summary>
        public string Hebrew { get; private set; }
        /// <summary>The provider's words in English.</summary>
        public string English { get; private set; }
        /// <summary>The provider's date.</summary>
        public string Date { get; private set; }
        /// <summary>The operator of the phone.</summary>
        public string Operator { get; private set; }
    }

    /// <summary>A phone number in the service's form and the international one.</summary>
    public sealed class Phone
    {
        internal Phone(string text)
        {
            byte[] given = C.In(text), to = new byte[16], e164 = new byte[16];
            int rule = C.verifysms_phone_normalize(given, to, to.Length);
            if (rule != 0)
            {
                throw new InvalidArgumentException("the phone number breaks the rule " + Client.RuleName(rule), rule);
            }
            C.verifysms_phone_e164(given, e164, e164.Length);
            To = C.Filled(to);
            E164 = C.Filled(e164);
            Kind = (PhoneKind)C.verifysms_phone_kind(given);
        }

        /// <summary>0501234567.</summary>
        public string To { get; private set; }
        /// <summary>+972501234567.</summary>
        public string E164 { get; private set; }
        /// <summary>A hint, as numbers are ported.</summary>
        public PhoneKind Kind { get; private set; }
    }

    /// <summary>One thing that is wrong with a message.</summary>
    public sealed class Warning
    {
        internal Warning(C.Message found, int index)
        {
            Kind = (WarningKind)C.verifysms_message_warning(found, index);
            Position = C.verifysms_message_warning_position(found, index);
            Text = C.Out(C.verifysms_message_warning_text(found, index));
        }

        /// <summary>What it is about.</summary>
        public WarningKind Kind { get; private set; }
        /// <summary>Which character, from 0; -1 for the whole message.</summary>
        public int Position { get; private set; }
        /// <summary>One English sentence.</summary>
        public string Text { get; private set; }
    }

    /// <summary>What a message costs, and what is wrong with it.</summary>
    public sealed class Inspection
    {
        internal Inspection(C.Message found, int digits)
        {
            Encoding = (MessageEncoding)C.verifysms_message_encoding(found);
            Length = C.verifysms_message_length(found, digits);
            Parts = C.verifysms_message_parts(found, digits);
            var warnings = new Warning[C.verifysms_message_warning_count(found)];
            for (int index = 0; index < warnings.Length; index++) warnings[index] = new Warning(found, index);
            Warnings = Array.AsReadOnly(warnings);
        }

        /// <summary>What it needs.</summary>
        public MessageEncoding Encoding { get; private set; }
        /// <summary>In units of the encoding.</summary>
        public int Length { get; private set; }
        /// <summary>How many parts are sent, each of which is billed.</summary>
        public int Parts { get; private set; }
        /// <summary>What is wrong with it.</summary>
        public IList<Warning> Warnings { get; private set; }
    }
}
