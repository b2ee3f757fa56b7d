{ fpc fpmake.pp && ./fpmake build && ./fpmake install: for fppkg and the packagers of units. }
program FpMake;

{$MODE OBJFPC}{$H+}

uses
  FpMkUnit;

begin
  with Installer do
  begin
    with AddPackage('verifysms') do
    begin
      Version := '1.0.0';
      License := 'MIT OR Apache-2.0';
      Description := 'Prove that a person owns a phone number by SMS, through libverifysms';
      OSes := AllUnixOSes + [Win32, Win64];
      Targets.AddUnit('verifysms.pas');
    end;
    Run;
  end;
end.
