@echo off
rem Starts Weft from the tree it lies in (bin, lib, samples side by side). Finds a JDK by itself.
rem   WEFT_JAVA       the folder of the JDK to take
rem   WEFT_JAVA_OPTS  more options for the JVM, such as -Xmx4g
setlocal EnableExtensions DisableDelayedExpansion

set "OLDEST=25"
set "ROOT=%~dp0.."
set "JDK="
set "JDKMAJOR=0"

if defined WEFT_JAVA (
    rem Named on purpose: taken, or refused aloud, but never passed over.
    call :look "%WEFT_JAVA%"
    if not defined JDK (
        echo weft: WEFT_JAVA ^(%WEFT_JAVA%^) is no JDK %OLDEST% or newer.>&2
        exit /b 2
    )
    goto :start
)
if defined JAVA_HOME call :look "%JAVA_HOME%"
if defined JDK goto :start
for %%J in (java.exe) do if not "%%~$PATH:J"=="" call :look "%%~dp$PATH:J.."
if defined JDK goto :start
for %%B in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\BellSoft" "%ProgramFiles%\Amazon Corretto" "%LOCALAPPDATA%\Programs\Eclipse Adoptium" "%USERPROFILE%\.jdks" "%USERPROFILE%\.sdkman\candidates\java" "%USERPROFILE%\scoop\apps") do (
    if exist "%%~B\" for /d %%D in ("%%~B\*") do call :look "%%~D"
)
if not defined JDK (
    echo weft: no JDK %OLDEST% or newer: looked at JAVA_HOME, java on the PATH, Eclipse Adoptium, Java, Microsoft, Zulu, BellSoft and Amazon Corretto in "%ProgramFiles%", and .jdks in "%USERPROFILE%". Install one, or name it with WEFT_JAVA=C:\path\to\jdk.>&2
    exit /b 2
)

:start
rem Up to 26, code that uses sun.misc.Unsafe is warned about; later JDKs may not know the option.
set "UNSAFE="
if %JDKMAJOR% LEQ 26 set "UNSAFE=--sun-misc-unsafe-memory-access=allow"
rem The export lets weft.infer load the Vector API when it computes; --add-modules would print a warning on every start.
"%JDK%\bin\java.exe" --module-path "%ROOT%\lib\fx" --add-modules javafx.controls --add-exports java.base/jdk.internal.module=ALL-UNNAMED --enable-native-access=javafx.graphics,ALL-UNNAMED %UNSAFE% "-Dweft.home=%ROOT%" %WEFT_JAVA_OPTS% -cp "%ROOT%\lib\*" weft.app.Launcher %*
exit /b %ERRORLEVEL%

rem Takes the JDK in %1 if it is new enough and newer than the one found before; its release file says which it is.
:look
if not exist "%~1\bin\java.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "VERSION="
for /f "usebackq tokens=2 delims==" %%V in (`findstr /b /c:"JAVA_VERSION=" "%~1\release"`) do set "VERSION=%%~V"
if not defined VERSION exit /b 0
for /f "tokens=1 delims=.-+_" %%M in ("%VERSION%") do set "MAJOR=%%M"
if %MAJOR% LSS %OLDEST% exit /b 0
if %MAJOR% LEQ %JDKMAJOR% exit /b 0
set "JDK=%~1"
set "JDKMAJOR=%MAJOR%"
exit /b 0
