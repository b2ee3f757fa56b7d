{ What people write by mistake in Pascal, with a wrong code. }
program Mistakes;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}
{ What is not initialized is the subject. }
{$WARN 5089 OFF}{$WARN 5090 OFF}

uses
  SysUtils, VerifySms;

var
  Client, Nowhere: TVerifySms;
  Untouched, Answer: TVerifySmsAnswer;
  Number, Right, Wrong, Key: string;
  Verified: Boolean;
  I: Integer;

procedure Attempt(const Mistake: string; LetIn: Boolean);
begin
  if LetIn then
    WriteLn('in: ', Mistake)
  else
    WriteLn('out: ', Mistake);
end;

function Reads(const Answer: TVerifySmsAnswer): Boolean;
begin
  Result := Answer.Verified or (Answer.Code = VERIFYSMS_OK);
end;

{ On a stack that was used before. }
procedure Local(Filling: Byte);
var
  Used: array[0..4095] of Byte;
begin
  FillChar(Used, SizeOf(Used), Filling);
  if Used[0] <> Filling then
    WriteLn('the stack is gone');
end;

procedure LocalAnswer;
var
  Mine: TVerifySmsAnswer;
begin
  Attempt('an answer on the stack', Reads(Mine));
end;

procedure Failing(Which: TVerifySms; const Typed: string);
begin
  try
    Which.Check(Number, Typed, Answer);
  except
    on Exception do ;
  end;
end;

begin
  Key := GetEnvironmentVariable('VERIFYSMS_API_KEY');
  Number := GetEnvironmentVariable('NUMBER');
  Client := TVerifySms.Create(Key, 'Acme', GetEnvironmentVariable('VERIFYSMS_URL'));
  Nowhere := TVerifySms.Create(Key, 'Acme', 'http://127.0.0.1:1/');
  Attempt('an answer that no call has filled', Reads(Untouched));
  Attempt('the default answer', Reads(Default(TVerifySmsAnswer)));
  Local(0);
  LocalAnswer;
  Local(1);
  LocalAnswer;

  Client.Connect;
  Attempt('what was there before a connect', Reads(Answer));
  Answer := Client.Send(Number);
  Attempt('what a send answered', Answer.Verified);
  Attempt('what a delivery answered', Client.Delivery(Answer.Unique).Verified);
  Client.Forget(Number);
  Attempt('what was there before a forget', Answer.Verified);
  WriteLn('code for 0501234567?');
  Flush(Output);
  ReadLn(Right);
  Wrong := Right;
  for I := 1 to Length(Right) do
    Wrong[I] := Chr(Ord('0') + Ord('9') - Ord(Right[I]));
  Failing(Nowhere, Right);
  Attempt('a check that raises, after a send', Reads(Answer));
  Attempt('a wrong code', Client.Check(Number, Wrong, Answer) or Reads(Answer));
  Client.Check(Number, Wrong, Answer);
  Attempt('a wrong code whose answer is not looked at', Reads(Answer));

  Verified := Client.Check(Number, Right, Answer);
  Failing(Client, '1'#0);
  Attempt('a check that raises, after that of somebody else', Reads(Answer));
  Failing(nil, Right);
  Attempt('a client that is nil', Reads(Answer));
  Client.Free;
  Nowhere.Free;
  Attempt('the right code', Verified);
end.
