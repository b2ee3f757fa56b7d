# frozen_string_literal: true

# The library, the command and the sandbox.
class Verifysms < Formula
  desc "Prove that a person owns a phone number by SMS"
  homepage "https://www.99digital.co.il/"
  url "@url@/verifysms-@version@.tar.gz"
  sha256 "@sha256@"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "python@3.13" => :build
  depends_on "rust" => :build

  def install
    ENV["CARGO_NET_OFFLINE"] = "true"
    system "make", "install", "PYTHON=python3.13", "PREFIX=#{prefix}", "BASHCOMPDIR=#{bash_completion}",
           "ZSHCOMPDIR=#{zsh_completion}", "FISHCOMPDIR=#{fish_completion}"
  end

  test do
    assert_equal "verifysms #{version}\n", shell_output("#{bin}/verifysms --version")
    (testpath/"test.c").write <<~C
      #include <stdio.h>
      #include <string.h>
      #include <verifysms.h>
      int main(void) { return strcmp(verifysms_version(), VERIFYSMS_VERSION); }
    C
    system ENV.cc, "test.c", "-I#{include}", "-L#{lib}", "-lverifysms", "-o", "test"
    system "./test"
  end
end
