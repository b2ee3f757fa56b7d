using System;

namespace VerifySms
{
    /// <summary>
    /// Why a call has no answer; nobody is verified by it. Its message is for a log, without key, code or full number.
    /// </summary>
    public abstract class VerifySmsException : Exception
    {
        internal VerifySmsException(string message, ErrorCode code) : base(message)
        {
            Code = code;
        }

        internal VerifySmsException(C.Result result)
            : base(C.Out(C.verifysms_result_message(result)))
        {
            Code = (ErrorCode)C.verifysms_result_code(result);
            Reached = (Reached)C.verifysms_result_reached(result);
            Answer = new Answer(result);
        }

        /// <summary>How the call ended.</summary>
        public ErrorCode Code { get; private set; }
        /// <summary>Whether the request got to the service.</summary>
        public Reached Reached { get; private set; }
        /// <summary>What is known beside; null if no call was made.</summary>
        public Answer Answer { get; private set; }

        /// <summary>Whether the same call may be made again at once: nothing was sent, no limit is reached.</summary>
        public bool SafeToRetry
        {
            get { return Reached == Reached.No && Code != ErrorCode.Limited && Code != ErrorCode.GuardDown; }
        }

        internal static VerifySmsException Of(C.Result result)
        {
            switch ((ErrorCode)C.verifysms_result_code(result))
            {
                case ErrorCode.InvalidArgument: return new InvalidArgumentException(result);
                case ErrorCode.Rejected: return new RejectedException(result);
                case ErrorCode.Connect: return new ConnectException(result);
                case ErrorCode.Tls: return new TlsException(result);
                case ErrorCode.Timeout: return new TimedOutException(result);
                case ErrorCode.ConnectionLost: return new ConnectionLostException(result);
                case ErrorCode.HttpStatus: return new HttpStatusException(result);
                case ErrorCode.BadReply: return new BadReplyException(result);
                case ErrorCode.Cancelled: return new CancelledException(result);
                case ErrorCode.Limited: return new LimitedException(result);
                case ErrorCode.GuardDown: return new GuardDownException(result);
                default: return new InternalException(result);
            }
        }
    }

    /// <summary>An argument or a setting was refused here, before anything was sent.</summary>
    public sealed class InvalidArgumentException : VerifySmsException
    {
        internal InvalidArgumentException(string message, int rule) : base(message, ErrorCode.InvalidArgument)
        {
            Rule = rule;
        }

        internal InvalidArgumentException(C.Result result) : base(result)
        {
            Rule = Answer.Rule;
        }

        /// <summary>Which rule it breaks, by Client.RuleName; 0 if none.</summary>
        public int Rule { get; private set; }
    }

    /// <summary>The service said FAIL.</summary>
    public sealed class RejectedException : VerifySmsException
    {
        internal RejectedException(C.Result result) : base(result) { }

        /// <summary>Why, by Client.ReasonText.</summary>
        public int Reason
        {
            get { return Answer.Reason; }
        }
    }

    /// <summary>The network or a server kept the service's answer from us. See SafeToRetry.</summary>
    public abstract class TransportException : VerifySmsException
    {
        internal TransportException(C.Result result) : base(result) { }
    }

    /// <summary>No connection: DNS, TCP or proxy. Nothing was sent.</summary>
    public sealed class ConnectException : TransportException
    {
        internal ConnectException(C.Result result) : base(result) { }
    }

    /// <summary>The TLS handshake or the certificate. Nothing was sent.</summary>
    public sealed class TlsException : TransportException
    {
        internal TlsException(C.Result result) : base(result) { }
    }

    /// <summary>The deadline passed.</summary>
    public sealed class TimedOutException : TransportException
    {
        internal TimedOutException(C.Result result) : base(result) { }
    }

    /// <summary>The connection broke after the request began to leave.</summary>
    public sealed class ConnectionLostException : TransportException
    {
        internal ConnectionLostException(C.Result result) : base(result) { }
    }

    /// <summary>Something other than the service answered.</summary>
    public sealed class HttpStatusException : TransportException
    {
        internal HttpStatusException(C.Result result) : base(result) { }
    }

    /// <summary>The answer was not understood, was too large, or was about another number.</summary>
    public sealed class BadReplyException : TransportException
    {
        internal BadReplyException(C.Result result) : base(result) { }
    }

    /// <summary>
    /// Client.Cancel() or the interrupt function ended the call. A CancellationToken throws an
    /// OperationCanceledException around it.
    /// </summary>
    public sealed class CancelledException : VerifySmsException
    {
        internal CancelledException(C.Result result) : base(result) { }
    }

    /// <summary>A limit of the guard is reached, and nothing was sent.</summary>
    public sealed class LimitedException : VerifySmsException
    {
        internal LimitedException(C.Result result) : base(result) { }

        /// <summary>Which limit.</summary>
        public Limit Limit
        {
            get { return Answer.Limit; }
        }

        /// <summary>How long to wait.</summary>
        public TimeSpan RetryAfter
        {
            get { return Answer.RetryAfter; }
        }
    }

    /// <summary>The store of the guard cannot be asked, and nothing was sent.</summary>
    public sealed class GuardDownException : VerifySmsException
    {
        internal GuardDownException(C.Result result) : base(result) { }
    }

    /// <summary>A defect of the library, or no memory, as the message then says.</summary>
    public sealed class InternalException : VerifySmsException
    {
        internal InternalException(C.Result result) : base(result) { }
    }
}
