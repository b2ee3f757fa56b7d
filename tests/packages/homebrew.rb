# frozen_string_literal: true

# Install by a formula and run its test, as Homebrew would:
#
#     ruby homebrew.rb FORMULA PREFIX FOLDER
#
# in the unpacked sources. FOLDER is the test's. What is here of Homebrew is what the formula uses.

require 'pathname'

# What a formula is made of.
class Formula
  class << self
    attr_reader :fields, :tests

    %i[desc homepage url sha256 license depends_on].each do |field|
      define_method(field) { |*values, **named| (@fields ||= {})[field] = [*values, named] }
    end

    def test(&block)
      @tests = block
    end
  end

  attr_reader :prefix, :testpath

  def initialize(prefix, testpath)
    @prefix = Pathname(prefix)
    @testpath = Pathname(testpath)
  end

  def version
    self.class.fields[:url].first[/(\d+\.\d+\.\d+)\.tar\.gz/, 1]
  end

  { bin: 'bin', lib: 'lib', include: 'include', bash_completion: 'etc/bash_completion.d',
    zsh_completion: 'share/zsh/site-functions', fish_completion: 'share/fish/vendor_completions.d' }.each do |name, path|
    define_method(name) { prefix / path }
  end

  def system(*command)
    Kernel.system(*command) or abort "failed: #{command.join(' ')}"
  end

  def shell_output(command)
    `#{command}`
  end

  def assert_equal(expected, actual)
    expected == actual or abort "#{actual.inspect} is not #{expected.inspect}"
  end
end

def ENV.cc
  'cc'
end

load ARGV[0]
# What the formula depends on is there under its name in Homebrew.
Dir.mkdir(programs = File.join(ARGV[2], 'programs'))
File.write(python = File.join(programs, 'python3.13'), "#!/bin/sh\nexec python3 \"$@\"\n")
File.chmod(0o755, python)
ENV['PATH'] = "#{programs}:#{ENV['PATH']}"
formula = Verifysms.new(ARGV[1], ARGV[2])
formula.install
Dir.chdir(ARGV[2]) { formula.instance_eval(&Verifysms.tests) }
puts "installed and tested: #{formula.version}"
